import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.informers.ExceptionHandler;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What the library was seen to do. */
final class Ledger implements Interceptor, ResourceEventHandler<ConfigMap>, ExceptionHandler {
  private final AtomicInteger added = new AtomicInteger();
  private final AtomicInteger updated = new AtomicInteger();
  private final AtomicInteger deleted = new AtomicInteger();
  private final AtomicInteger lists = new AtomicInteger();
  private final AtomicInteger watches = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> troubles = new ConcurrentLinkedQueue<>();

  /** A WebSocket's opening request passes here too. */
  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    String query = request.uri().getQuery();
    if (query != null && query.contains("watch=true")) {
      watches.incrementAndGet();
    } else if (request.uri().getPath().endsWith("/configmaps")) {
      lists.incrementAndGet();
    }
  }

  @Override
  public void onAdd(ConfigMap object) {
    added.incrementAndGet();
  }

  @Override
  public void onUpdate(ConfigMap before, ConfigMap after) {
    updated.incrementAndGet();
  }

  @Override
  public void onDelete(ConfigMap object, boolean isFinalStateUnknown) {
    deleted.incrementAndGet();
  }

  @Override
  public boolean retryAfterException(boolean isStarted, Throwable error) {
    troubles.add(error.toString());
    return isStarted;
  }

  Map<String, Integer> changes() {
    return Map.of("added", added.get(), "updated", updated.get(), "deleted", deleted.get());
  }

  Map<String, Integer> requests() {
    return Map.of("list", lists.get(), "watch", watches.get());
  }

  List<String> troubles() {
    return List.copyOf(troubles);
  }
}

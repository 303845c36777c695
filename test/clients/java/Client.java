import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a cache of a namespace's ConfigMaps with a fabric8 informer and tells what it holds. README.md
 * one folder up says how it is talked to.
 */
final class Client {
  private final NonNamespaceOperation<ConfigMap, ConfigMapList, Resource<ConfigMap>> configMaps;
  private final Ledger ledger;
  private final SharedIndexInformer<ConfigMap> informer;

  private Client(KubernetesClient kubernetes, String namespace, Ledger ledger) {
    this.configMaps = kubernetes.configMaps().inNamespace(namespace);
    this.ledger = ledger;
    this.informer = configMaps.runnableInformer(0);
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = read(arguments);
    Ledger ledger = new Ledger();
    try (KubernetesClient kubernetes = connect(settings, ledger)) {
      Client client = new Client(kubernetes, settings.get("namespace"), ledger);
      client.start();
      client.obey();
    }
  }

  /** {@code --name value} pairs by name. */
  private static Map<String, String> read(String[] arguments) {
    Map<String, String> settings = new HashMap<>(Map.of("namespace", "default"));
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      settings.put(arguments[i].replaceFirst("^--", ""), arguments[i + 1]);
    }
    return settings;
  }

  private static KubernetesClient connect(Map<String, String> settings, Ledger ledger) {
    System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, settings.get("kubeconfig"));
    Config config = Config.autoConfigure(settings.get("context"));
    config.setOnlyHttpWatches(watchesOverHttp(settings.get("mode")));
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("ledger", ledger))
        .build();
  }

  private static boolean watchesOverHttp(String mode) {
    return switch (mode) {
      case "informer" -> false;
      case "http-informer" -> true;
      default -> throw new IllegalArgumentException("unknown mode " + mode);
    };
  }

  private void start() throws Exception {
    informer.addEventHandler(ledger);
    informer.exceptionHandler(ledger);
    informer.start().toCompletableFuture().get(60, TimeUnit.SECONDS);
    say(Map.of("event", "synced"));
  }

  /** Answers each line of standard input with one line, until its end. */
  private void obey() throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        say(answer(Serialization.unmarshal(line, Map.class)));
      } catch (RuntimeException error) {
        say(Map.of("event", "error", "message", error.toString()));
      }
    }
  }

  private Map<String, Object> answer(Map<?, ?> asked) {
    String what = String.valueOf(asked.get("do"));
    return switch (what) {
      case "cache" -> cache();
      case "list" -> {
        List<ConfigMap> items = listPages(((Number) asked.get("limit")).longValue());
        yield Map.of("event", "listed", "objects", facts(items));
      }
      case "write" -> {
        ConfigMap written = write((String) asked.get("name"), (String) asked.get("value"));
        Map<String, Object> objects = facts(List.of(written));
        yield Map.of("event", "wrote", "objects", objects, "bodyType", "application/json");
      }
      default -> throw new IllegalArgumentException("unknown command " + what);
    };
  }

  private Map<String, Object> cache() {
    return Map.of(
        "event", "cache",
        "objects", facts(informer.getStore().list()),
        "changes", ledger.changes(),
        "requests", ledger.requests(),
        "troubles", ledger.troubles());
  }

  private List<ConfigMap> listPages(long limit) {
    List<ConfigMap> items = new ArrayList<>();
    String token = null;
    do {
      ConfigMapList page =
          configMaps.list(new ListOptionsBuilder().withLimit(limit).withContinue(token).build());
      items.addAll(page.getItems());
      token = page.getMetadata().getContinue();
    } while (token != null && !token.isEmpty());
    return items;
  }

  /** A read, then an update at the version read. */
  private ConfigMap write(String name, String value) {
    ConfigMap object = configMaps.withName(name).get();
    ConfigMap changed = new ConfigMapBuilder(object).addToData("written", value).build();
    return configMaps.resource(changed).update();
  }

  private static Map<String, Object> facts(Collection<ConfigMap> items) {
    Map<String, Object> facts = new TreeMap<>();
    for (ConfigMap item : items) {
      var metadata = item.getMetadata();
      facts.put(
          metadata.getNamespace() + "/" + metadata.getName(),
          Map.of(
              "uid", metadata.getUid(),
              "resourceVersion", metadata.getResourceVersion(),
              "labels", Objects.requireNonNullElse(metadata.getLabels(), Map.of()),
              "annotations", Objects.requireNonNullElse(metadata.getAnnotations(), Map.of()),
              "data", Objects.requireNonNullElse(item.getData(), Map.of())));
    }
    return facts;
  }

  private static void say(Map<String, Object> event) {
    System.out.println(Serialization.asJson(event));
  }
}

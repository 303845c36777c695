// Command client keeps a cache of a namespace's ConfigMaps with client-go, as any controller does, and
// tells what it holds. README.md one folder up says how it is talked to.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/pager"
)

func main() {
	settings := readSettings()
	if err := run(settings); err != nil {
		say(map[string]any{"event": "error", "message": err.Error()})
		os.Exit(1)
	}
}

type settings struct{ kubeconfig, context, namespace, mode string }

func readSettings() settings {
	var read settings
	flag.StringVar(&read.kubeconfig, "kubeconfig", "", "file to read")
	flag.StringVar(&read.context, "context", "", "its context to use")
	flag.StringVar(&read.namespace, "namespace", "default", "namespace to watch")
	flag.StringVar(&read.mode, "mode", "", "informer, watchlist or dynamic")
	flag.Parse()
	return read
}

func run(settings settings) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := chooseWatchList(settings.mode); err != nil {
		return err
	}
	traffic := &traffic{}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: settings.kubeconfig},
		&clientcmd.ConfigOverrides{CurrentContext: settings.context},
	).ClientConfig()
	if err != nil {
		return err
	}
	config.Wrap(traffic.wrap)
	access, err := openAccess(settings, config)
	if err != nil {
		return err
	}
	ledger := &ledger{}
	if err := ledger.follow(access.informer); err != nil {
		return err
	}
	go access.informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), access.informer.HasSynced) {
		return errors.New("the informer never had its first list")
	}
	say(map[string]any{"event": "synced"})
	return obey(ctx, &program{access: access, ledger: ledger, traffic: traffic})
}

// chooseWatchList must run before client-go looks at its gates; "dynamic" leaves its own default alone.
func chooseWatchList(mode string) error {
	switch mode {
	case "informer":
		return os.Setenv("KUBE_FEATURE_WatchListClient", "false")
	case "watchlist":
		return os.Setenv("KUBE_FEATURE_WatchListClient", "true")
	case "dynamic":
		return nil
	}
	return fmt.Errorf("unknown mode %q", mode)
}

type program struct {
	access  *access
	ledger  *ledger
	traffic *traffic
}

type command struct {
	Do    string
	Limit int64
	Name  string
	Value string
}

// obey answers each line of standard input with one line, until its end.
func obey(ctx context.Context, program *program) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked command
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		answer, err := program.answer(ctx, asked)
		cancel()
		if err != nil {
			answer = map[string]any{"event": "error", "message": err.Error()}
		}
		say(answer)
	}
	return lines.Err()
}

func (program *program) answer(ctx context.Context, asked command) (map[string]any, error) {
	switch asked.Do {
	case "cache":
		objects := map[string]fact{}
		for _, object := range program.access.informer.GetStore().List() {
			if err := note(objects, object); err != nil {
				return nil, err
			}
		}
		return map[string]any{
			"event":    "cache",
			"objects":  objects,
			"changes":  program.ledger.changes(),
			"requests": program.traffic.requests(),
			"troubles": program.ledger.troubles(),
		}, nil
	case "list":
		objects := map[string]fact{}
		err := program.access.page(asked.Limit).EachListItem(ctx, metav1.ListOptions{}, func(object runtime.Object) error {
			return note(objects, object)
		})
		return map[string]any{"event": "listed", "objects": objects}, err
	case "write":
		object, err := program.access.write(ctx, asked.Name, asked.Value)
		if err != nil {
			return nil, err
		}
		objects := map[string]fact{}
		err = note(objects, object)
		return map[string]any{"event": "wrote", "objects": objects, "bodyType": program.traffic.lastBodyType()}, err
	}
	return nil, fmt.Errorf("unknown command %q", asked.Do)
}

// page makes client-go's pager over the same list that the informer begins with.
func (access *access) page(limit int64) *pager.ListPager {
	made := pager.New(access.list)
	made.PageSize = limit
	return made
}

// fact is what a test compares of one object.
type fact struct {
	UID             string            `json:"uid"`
	ResourceVersion string            `json:"resourceVersion"`
	Labels          map[string]string `json:"labels"`
	Annotations     map[string]string `json:"annotations"`
	Data            map[string]string `json:"data"`
}

func note(objects map[string]fact, object any) error {
	read, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	key, err := cache.MetaNamespaceKeyFunc(object)
	if err != nil {
		return err
	}
	objects[key] = fact{
		UID:             string(read.GetUID()),
		ResourceVersion: read.GetResourceVersion(),
		Labels:          orEmpty(read.GetLabels()),
		Annotations:     orEmpty(read.GetAnnotations()),
		Data:            orEmpty(dataOf(object)),
	}
	return nil
}

func orEmpty(values map[string]string) map[string]string {
	if values == nil {
		return map[string]string{}
	}
	return values
}

func say(event map[string]any) {
	line, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

package main

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"k8s.io/client-go/tools/cache"
)

// ledger counts what an informer told its handlers, and keeps what went wrong below them.
type ledger struct {
	mutex                   sync.Mutex
	added, updated, deleted int
	errors                  []string
}

func (ledger *ledger) follow(informer cache.SharedIndexInformer) error {
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { ledger.count(&ledger.added) },
		UpdateFunc: func(any, any) { ledger.count(&ledger.updated) },
		DeleteFunc: func(any) { ledger.count(&ledger.deleted) },
	})
	if err != nil {
		return err
	}
	return informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		ledger.mutex.Lock()
		defer ledger.mutex.Unlock()
		ledger.errors = append(ledger.errors, err.Error())
	})
}

func (ledger *ledger) count(counter *int) {
	ledger.mutex.Lock()
	defer ledger.mutex.Unlock()
	*counter++
}

func (ledger *ledger) changes() map[string]int {
	ledger.mutex.Lock()
	defer ledger.mutex.Unlock()
	return map[string]int{"added": ledger.added, "updated": ledger.updated, "deleted": ledger.deleted}
}

func (ledger *ledger) troubles() []string {
	ledger.mutex.Lock()
	defer ledger.mutex.Unlock()
	return append([]string{}, ledger.errors...)
}

// traffic counts the informer's requests as they leave, and remembers how the last body was encoded.
type traffic struct {
	mutex          sync.Mutex
	lists, watches int
	bodyType       string
}

type roundTripper func(*http.Request) (*http.Response, error)

func (send roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	return send(request)
}

func (traffic *traffic) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		traffic.note(request)
		return next.RoundTrip(request)
	})
}

func (traffic *traffic) note(request *http.Request) {
	traffic.mutex.Lock()
	defer traffic.mutex.Unlock()
	switch {
	case request.Method != http.MethodGet:
		traffic.bodyType = request.Header.Get("Content-Type")
	case request.URL.Query().Get("watch") == "true":
		traffic.watches++
	case strings.HasSuffix(request.URL.Path, "/configmaps"):
		traffic.lists++
	}
}

func (traffic *traffic) requests() map[string]int {
	traffic.mutex.Lock()
	defer traffic.mutex.Unlock()
	return map[string]int{"list": traffic.lists, "watch": traffic.watches}
}

func (traffic *traffic) lastBodyType() string {
	traffic.mutex.Lock()
	defer traffic.mutex.Unlock()
	return traffic.bodyType
}

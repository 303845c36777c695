package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// access is one way of client-go to the ConfigMaps of a namespace.
type access struct {
	informer cache.SharedIndexInformer
	list     func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error)
	// write sets data.written of an object that exists: a read, then an update at the version read.
	write func(ctx context.Context, name, value string) (runtime.Object, error)
}

func openAccess(settings settings, config *rest.Config) (*access, error) {
	if settings.mode == "dynamic" {
		return openDynamic(settings.namespace, config)
	}
	return openTyped(settings.namespace, config)
}

func openTyped(namespace string, config *rest.Config) (*access, error) {
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	configMaps := clientset.CoreV1().ConfigMaps(namespace)
	factory := informers.NewSharedInformerFactoryWithOptions(clientset, 0, informers.WithNamespace(namespace))
	return &access{
		informer: factory.Core().V1().ConfigMaps().Informer(),
		list: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return configMaps.List(ctx, options)
		},
		write: func(ctx context.Context, name, value string) (runtime.Object, error) {
			object, err := configMaps.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return nil, err
			}
			if object.Data == nil {
				object.Data = map[string]string{}
			}
			object.Data["written"] = value
			return configMaps.Update(ctx, object, metav1.UpdateOptions{})
		},
	}, nil
}

func openDynamic(namespace string, config *rest.Config) (*access, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	resource := corev1.SchemeGroupVersion.WithResource("configmaps")
	configMaps := client.Resource(resource).Namespace(namespace)
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, namespace, nil)
	return &access{
		informer: factory.ForResource(resource).Informer(),
		list: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return configMaps.List(ctx, options)
		},
		write: func(ctx context.Context, name, value string) (runtime.Object, error) {
			object, err := configMaps.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return nil, err
			}
			if err := unstructured.SetNestedField(object.Object, value, "data", "written"); err != nil {
				return nil, err
			}
			return configMaps.Update(ctx, object, metav1.UpdateOptions{})
		},
	}, nil
}

func dataOf(object any) map[string]string {
	switch object := object.(type) {
	case *corev1.ConfigMap:
		return object.Data
	case *unstructured.Unstructured:
		data, _, _ := unstructured.NestedStringMap(object.Object, "data")
		return data
	}
	return nil
}

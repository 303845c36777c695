// Writes into cases.json what Kubernetes' own encoder makes of each case's objects:
//
//	cd test/translation/protobuf && go run . cases.json && npx prettier --write cases.json
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

type testCase struct {
	Title          string          `json:"title"`
	Target         json.RawMessage `json:"target"`
	Plain          json.RawMessage `json:"plain"`
	Served         json.RawMessage `json:"served"`
	PlainProtobuf  []byte          `json:"plainProtobuf"`
	ServedProtobuf []byte          `json:"servedProtobuf"`
}

func main() {
	path := os.Args[1]
	text, err := os.ReadFile(path)
	check(err)
	var cases []testCase
	check(json.Unmarshal(text, &cases))
	for i := range cases {
		cases[i].PlainProtobuf = encode(cases[i].Plain)
		cases[i].ServedProtobuf = encode(cases[i].Served)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(cases))
	check(os.WriteFile(path, out.Bytes(), 0o644))
}

func encode(object json.RawMessage) []byte {
	// Managed fields are kept as they are written, so without the file's spaces.
	var compact bytes.Buffer
	check(json.Compact(&compact, object))
	decoded, _, err := scheme.Codecs.UniversalDeserializer().Decode(compact.Bytes(), nil, nil)
	check(err)
	data, err := runtime.Encode(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), decoded)
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

/** A CRD with a second version, a status and a scale, a column and a selectable field. */
export function widgetCrd({
  group = 'example.com',
  plural = 'widgets',
  kind = 'Widget',
} = {}): object {
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { size: { type: 'string' }, replicas: { type: 'integer' } },
      },
      status: { type: 'object', properties: { replicas: { type: 'integer' } } },
    },
  };
  // Another schema: of equal ones kube-apiserver makes one for all versions, and then refuses selectableFields.
  const older = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        plural,
        singular: kind.toLowerCase(),
        kind,
        shortNames: ['wd'],
        categories: ['all'],
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          additionalPrinterColumns: [{ name: 'Size', type: 'string', jsonPath: '.spec.size' }],
          selectableFields: [{ jsonPath: '.spec.size' }],
          schema: { openAPIV3Schema: schema },
        },
        { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: older } },
      ],
    },
  };
}

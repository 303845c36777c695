import { clippedList } from './clipped-list.ts';
import {
  autoscalerMetrics,
  type HorizontalPodAutoscaler,
  type Metric,
  type MetricSource,
} from './autoscaler-metrics.ts';
import { kind, type Kinds } from './kind.ts';
import { ageColumn, column, integer, nameColumn, type KubernetesObject } from './printer.ts';

interface Scale extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/** What changes the number of replicas. */
export const autoscalingKinds: Kinds = {
  'horizontalpodautoscalers.autoscaling': kind<HorizontalPodAutoscaler>(() => [
    nameColumn(),
    column('Reference', ({ spec }) =>
      [spec?.scaleTargetRef?.kind ?? '', spec?.scaleTargetRef?.name ?? ''].join('/'),
    ),
    column('Targets', targets),
    column('MinPods', ({ spec }) => spec?.minReplicas?.toString() ?? '<unset>'),
    column('MaxPods', ({ spec }) => spec?.maxReplicas ?? 0),
    column('Replicas', ({ status }) => status?.currentReplicas ?? 0),
    ageColumn(),
  ]),

  'scale.autoscaling': kind<Scale>(() => [
    { ...nameColumn(), format: '' },
    integer('Desired', ({ spec }) => spec?.replicas ?? 0),
    integer('Available', ({ status }) => status?.replicas ?? 0),
    ageColumn(),
  ]),
};

function targets(autoscaler: HorizontalPodAutoscaler): string {
  const { specs, statuses } = autoscalerMetrics(autoscaler);
  if (specs.length === 0) return '<none>';
  const texts = specs.map((spec, index) => metricText(spec, statuses[index]));
  return clippedList(texts, { shown: 2, separator: ', ' });
}

/** `current/target`; `status` is the one at the same place, of whatever type it is. */
function metricText(spec: Metric, status: Metric | undefined): string {
  switch (spec.type) {
    case 'Resource':
      return resourceText(spec.resource, status?.resource);
    case 'ContainerResource':
      return resourceText(spec.containerResource, status?.containerResource);
    case 'Pods':
      return averageText(spec.pods, status?.pods);
    case 'Object':
      return valueText(spec.object, status?.object);
    case 'External':
      return valueText(spec.external, status?.external);
    default:
      return '<unknown type>';
  }
}

function resourceText(spec: MetricSource | undefined, status: MetricSource | undefined): string {
  const name = spec?.name ?? '';
  if (spec?.target?.averageValue !== undefined) {
    return `${name}: ${currentOf(status, 'averageValue')}/${spec.target.averageValue}`;
  }
  const current = percentage(status?.current?.averageUtilization) ?? '<unknown>';
  return `${name}: ${current}/${percentage(spec?.target?.averageUtilization) ?? '<auto>'}`;
}

function averageText(spec: MetricSource | undefined, status: MetricSource | undefined): string {
  return `${currentOf(status, 'averageValue')}/${quantity(spec?.target?.averageValue)}`;
}

function valueText(spec: MetricSource | undefined, status: MetricSource | undefined): string {
  if (spec?.target?.averageValue !== undefined) {
    const current = status?.current?.averageValue ?? '<unknown>';
    return `${current}/${spec.target.averageValue} (avg)`;
  }
  return `${currentOf(status, 'value')}/${quantity(spec?.target?.value)}`;
}

/** A status that lacks just this number shows Go's word for that, as the server does. */
function currentOf(status: MetricSource | undefined, field: 'value' | 'averageValue'): string {
  return status ? quantity(status.current?.[field]) : '<unknown>';
}

function quantity(value: string | undefined): string {
  return value ?? '<nil>';
}

function percentage(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}%`;
}

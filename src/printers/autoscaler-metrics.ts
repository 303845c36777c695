import type { KubernetesObject } from './printer.ts';

/** What a metric should be; quantities are canonical strings. */
export interface Target {
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

/** A metric source or its status, whichever type it has. */
export interface MetricSource {
  /** Of Resource and ContainerResource only. */
  readonly name?: string;
  readonly target?: Target;
  readonly current?: Target;
}

/** One metric of a HorizontalPodAutoscaler, `spec` or `status`, as autoscaling/v2 has it. */
export interface Metric {
  readonly type: string;
  readonly resource?: MetricSource;
  readonly containerResource?: MetricSource;
  readonly pods?: MetricSource;
  readonly object?: MetricSource;
  readonly external?: MetricSource;
}

/** A HorizontalPodAutoscaler of version 2, with the few fields that version 1 has instead. */
export interface HorizontalPodAutoscaler extends KubernetesObject {
  readonly apiVersion?: string;
  readonly spec?: {
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly metrics?: readonly Metric[];
    readonly targetCPUUtilizationPercentage?: number;
  };
  readonly status?: {
    readonly currentReplicas?: number;
    readonly currentMetrics?: readonly Metric[] | null;
    readonly currentCPUUtilizationPercentage?: number;
  };
}

/** A source or status as the annotations of autoscaling/v1 spell it. */
interface FlatSource {
  readonly name?: string;
  readonly targetAverageUtilization?: number;
  readonly targetAverageValue?: string;
  readonly targetValue?: string;
  readonly averageValue?: string;
  readonly currentAverageUtilization?: number;
  readonly currentAverageValue?: string;
  readonly currentValue?: string;
}

interface FlatMetric {
  readonly type: string;
  readonly resource?: FlatSource;
  readonly containerResource?: FlatSource;
  readonly pods?: FlatSource;
  readonly object?: FlatSource;
  readonly external?: FlatSource;
}

const SPECS = 'autoscaling.alpha.kubernetes.io/metrics';
const STATUSES = 'autoscaling.alpha.kubernetes.io/current-metrics';

interface Metrics {
  readonly specs: readonly Metric[];
  /** By the same places as `specs`. */
  readonly statuses: readonly Metric[];
}

/** The metrics of an autoscaler, in whichever version it was read. */
export function autoscalerMetrics(autoscaler: HorizontalPodAutoscaler): Metrics {
  if (autoscaler.apiVersion === 'autoscaling/v1') return metricsOfVersion1(autoscaler);
  const { spec, status } = autoscaler;
  return { specs: spec?.metrics ?? [], statuses: status?.currentMetrics ?? [] };
}

/**
 * That version has a field for the CPU utilization and keeps the rest in annotations, so the place
 * of CPU in the list is known only once there are statuses; before that it is taken to be first.
 */
function metricsOfVersion1(autoscaler: HorizontalPodAutoscaler): Metrics {
  const { spec, status } = autoscaler;
  const others = annotated(autoscaler, SPECS);
  const statuses = annotated(autoscaler, STATUSES);
  if (statuses.length === 0 && status?.currentCPUUtilizationPercentage !== undefined) {
    const averageUtilization = status.currentCPUUtilizationPercentage;
    statuses.push({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } });
  }

  const averageUtilization = spec?.targetCPUUtilizationPercentage;
  if (averageUtilization === undefined) return { specs: others, statuses };
  const cpu: Metric = {
    type: 'Resource',
    resource: { name: 'cpu', target: { averageUtilization } },
  };
  const place = Math.max(0, statuses.findIndex(isUtilizationOfCpu));
  return { specs: others.toSpliced(place, 0, cpu), statuses };
}

function isUtilizationOfCpu({ resource }: Metric): boolean {
  return resource?.name === 'cpu' && resource.current?.averageUtilization !== undefined;
}

function annotated({ metadata }: HorizontalPodAutoscaler, annotation: string): Metric[] {
  const text = metadata?.annotations?.[annotation];
  return text === undefined ? [] : (JSON.parse(text) as FlatMetric[]).map(structured);
}

function structured(flat: FlatMetric): Metric {
  const sources = {
    resource: flat.resource && sourceOf(flat.resource),
    containerResource: flat.containerResource && sourceOf(flat.containerResource),
    pods: flat.pods && sourceOf(flat.pods),
    object: flat.object && sourceOf(flat.object),
    external: flat.external && sourceOf(flat.external),
  };
  const present = Object.entries(sources).filter(([, source]) => source !== undefined);
  return { type: flat.type, ...Object.fromEntries(present) };
}

/** An Object metric calls both its averages `averageValue`. */
function sourceOf(flat: FlatSource): MetricSource {
  const average = flat.averageValue;
  return {
    ...(flat.name !== undefined && { name: flat.name }),
    target: targetOf(
      flat.targetValue,
      flat.targetAverageValue ?? average,
      flat.targetAverageUtilization,
    ),
    current: targetOf(
      hasNoValue(flat) ? undefined : flat.currentValue,
      flat.currentAverageValue ?? average,
      flat.currentAverageUtilization,
    ),
  };
}

/** Where that version can't leave the value out, it is 0 beside an average. */
function hasNoValue({ currentValue, currentAverageValue, averageValue }: FlatSource): boolean {
  return currentValue === '0' && (currentAverageValue ?? averageValue) !== undefined;
}

function targetOf(value?: string, averageValue?: string, averageUtilization?: number): Target {
  return {
    ...(value !== undefined && { value }),
    ...(averageValue !== undefined && { averageValue }),
    ...(averageUtilization !== undefined && { averageUtilization }),
  };
}

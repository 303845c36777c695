/**
 * Many members as one Kubernetes API: merged lists and watches, reads and writes of one object by its
 * name in the view, Tables, streams to the right member. Promises that no member's object is lost,
 * shown twice or taken for another's, and that what is not current says so. Knows nothing of HTTP
 * servers: it answers with bytes, or says to which member a request is to be passed.
 * May import catalog, informers, members, printers, translation, bytes, api and kube.
 */
export { KARMADA_VIEW, VIEW_ALL, type View } from './view.ts';
export { type Answer, type Asker, type Passage, type ViewRequest } from './view-request.ts';
export { Views } from './views.ts';
export { isSelfReview, type MayUseView } from './reviews.ts';

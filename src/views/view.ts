/** A named scope over the members, and how it names their objects. */
export interface View {
  readonly name: string;
  /** Qualified: `web@member1`; a plain name belongs to the control plane. Plain: names as the members have them. */
  readonly naming: 'Qualified' | 'Plain';
}

/** The view that always exists. */
export const VIEW_ALL: View = { name: 'all', naming: 'Qualified' };

/** View `all` as Karmada's clients expect it, at Karmada's path. */
export const KARMADA_VIEW: View = { name: 'karmada', naming: 'Plain' };

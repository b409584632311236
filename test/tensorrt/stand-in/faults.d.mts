export const FAULTS: Readonly<Record<string, object>>;

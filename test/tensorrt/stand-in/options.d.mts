export function optionsOf(version: { major: number; minor: number; patch: number }): Set<string>;

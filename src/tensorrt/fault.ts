/** Something that goes wrong outside, known by what is printed then. */
export interface Fault {
  readonly code: string;
  readonly kind: 'environment' | 'task' | 'usage';
  /** Found in a line of the output; its first group that is there, if any, is what it is about. */
  readonly line: RegExp;
  /** `subject`: '' where the line does not name it. */
  readonly message: string | ((subject: string) => string);
  readonly fix: string;
  readonly expected?: string;
}

export const MORE_MEMORY =
  "give it more memory (a container's limit, Slurm's --mem), or lower the largest batch and sequence";

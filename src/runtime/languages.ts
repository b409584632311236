import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';

/** How tokens that stand for a language are written: mBART's en_XX, NLLB's eng_Latn, M2M100's __en__. */
const LANGUAGE = /^([a-z]{2,3}_[A-Z]{2}|[a-z]{3}_[A-Z][a-z]{3}|__[a-z]{2,3}__)$/;

/** As far as a tokenizer.json tells of its languages. */
export interface LanguageTokens {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special?: boolean }[];
  readonly post_processor?: unknown;
}

/** The tokens of languages and their ids, in the order of the ids. Empty for a tokenizer that has none. */
export const languagesOf = ({ added_tokens = [] }: LanguageTokens): ReadonlyMap<string, number> =>
  new Map(
    added_tokens
      .filter(({ content, special }) => special && LANGUAGE.test(content))
      .sort((a, b) => a.id - b.id)
      .map(({ content, id }) => [content, id]),
  );

/**
 * The id of a language's token. Failure: 'language-unknown'.
 * @param where names the caller in messages
 */
export function languageId(
  languages: ReadonlyMap<string, number>,
  language: string,
  where: string,
): Result<number, Failure> {
  const id = languages.get(language);
  if (id !== undefined) return ok(id);
  const meant = nearest(language, [...languages.keys()]);
  return fail(
    usageFailure('language-unknown', 'the tokenizer has no such language', {
      where,
      expected:
        languages.size > 0
          ? `one of ${[...languages.keys()].join(', ')}`
          : 'no language: the tokenizer has no tokens for any',
      found: language,
      ...(meant === undefined ? {} : { fix: `did you mean '${meant}'?` }),
    }),
  );
}

/**
 * A tokenizer.json whose texts are in `language`: where its template puts the token of another language, it puts this one's, as
 * `src_lang` of transformers does. Failures: 'language-unknown', 'language-fixed' for a template without a language.
 */
export function withSourceLanguage<T extends LanguageTokens>(
  json: T,
  language: string,
  where: string,
): Result<T, Failure> {
  const languages = languagesOf(json);
  const known = languageId(languages, language, where);
  if (!known.ok) return known;
  let replaced = false;
  const inLanguage = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(inLanguage);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => {
        if (key !== 'SpecialToken' || !languages.has((value as { id: string }).id)) return [key, inLanguage(value)];
        replaced = true;
        return [key, { ...(value as object), id: language }];
      }),
    );
  };
  const postProcessor = inLanguage(json.post_processor);
  if (replaced) return ok({ ...json, post_processor: postProcessor });
  return fail(
    usageFailure('language-fixed', 'the tokenizer does not tell the model in which language a text is', {
      where,
      expected: 'a template with the token of a language, in tokenizer.json',
      found: language,
    }),
  );
}

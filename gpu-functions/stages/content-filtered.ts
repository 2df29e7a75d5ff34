/** What a stage made may not be shown. The run ends as `content_filtered`, and the portrait as filtered. */
export class ContentFilteredError extends Error {
  override readonly name = 'ContentFilteredError';
}

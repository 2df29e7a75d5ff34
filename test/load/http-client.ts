import { Agent, request } from 'node:http';
import { isFinal, type Portrait } from '../../shared/index.ts';

/** A client that costs little: what it takes of the processor is missing to the worker. */
export class HttpClient {
  readonly #base: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1024 });

  constructor(base: URL) {
    this.#base = base;
  }

  /** Sends a request and reads the whole answer. @throws Error for any answer but 2xx */
  send(method: string, path: string, headers: Record<string, string> = {}, body?: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.#base),
        {
          method,
          agent: this.#agent,
          headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () => {
            if (response.statusCode! < 300) resolve(text);
            else reject(new Error(`${method} ${path}: HTTP ${response.statusCode} ${text.slice(0, 300)}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
  }

  read = (id: string): Promise<string> => this.send('GET', `/v1/portraits/${id}`);

  create = async (body: object, headers?: Record<string, string>): Promise<Portrait> =>
    JSON.parse(await this.send('POST', '/v1/portraits', headers, body)) as Portrait;

  /** The portrait at its end. */
  async finished(id: string): Promise<Portrait> {
    for (;;) {
      const portrait = JSON.parse(
        await this.send('GET', `/v1/portraits/${id}`, { prefer: 'wait=60' }),
      ) as Portrait;
      if (isFinal(portrait.status)) return portrait;
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

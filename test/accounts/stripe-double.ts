import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import Stripe from 'stripe';
import { listenOnLoopback } from '../loopback.ts';

const KEY = 'sk_test_a-key-that-only-these-tests-know';
const WEBHOOK_SECRET = 'whsec_a-secret-that-only-these-tests-know';

interface Session {
  id: string;
  object: 'checkout.session';
  url: string;
  payment_status: 'unpaid' | 'paid';
  currency: string;
  amount_total: number;
  customer: string | null;
  client_reference_id: string;
  metadata: Record<string, string>;
  payment_intent_metadata: Record<string, string>;
}

/**
 * Stripe on loopback: payment pages and meter events by form-encoded REST with bearer key and idempotency keys, and
 * webhooks signed by Stripe's own library.
 */
export class StripeDouble {
  readonly sessions = new Map<string, Session>();
  readonly charges = new Map<string, { id: string; object: 'charge'; metadata: Record<string, string> }>();
  readonly meters = new Map<string, URLSearchParams>();
  /** Requests are refused while this is set. */
  away = false;
  readonly #answers = new Map<string, string>();
  readonly #stripe = new Stripe(KEY);
  readonly #server: Server;
  url = '';

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async listen(): Promise<void> {
    this.url = `http://127.0.0.1:${await listenOnLoopback(this.#server)}`;
  }

  /** What the worker is configured with. */
  get vars(): Record<string, string> {
    return { STRIPE_API: this.url, STRIPE_SECRET_KEY: KEY, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET };
  }

  /** Body and signature of an event, as Stripe sends it. */
  event(type: string, object: unknown, timestamp = Math.floor(Date.now() / 1000)) {
    const payload = JSON.stringify({
      id: `evt_${crypto.randomUUID()}`,
      object: 'event',
      type,
      data: { object },
    });
    const signature = this.#stripe.webhooks.generateTestHeaderString({
      payload,
      secret: WEBHOOK_SECRET,
      timestamp,
    });
    return { payload, signature };
  }

  /** Pays a session: its charge has the metadata that the payment intent was to have, as Stripe copies it. */
  pay(id: string): { session: Session; charge: string } {
    const session = { ...this.sessions.get(id)!, payment_status: 'paid' as const };
    const charge = `ch_${crypto.randomUUID().replaceAll('-', '')}`;
    this.charges.set(charge, { id: charge, object: 'charge', metadata: session.payment_intent_metadata });
    return { session, charge };
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const key = `${request.url} ${String(request.headers['idempotency-key'])}`;
    const posted = request.method === 'POST';
    const { status, body } =
      posted && this.#answers.has(key)
        ? { status: 200, body: this.#answers.get(key)! }
        : this.#answer(request, form);
    if (posted && status === 200) this.#answers.set(key, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }

  #answer(request: IncomingMessage, form: URLSearchParams): { status: number; body: string } {
    if (this.away) return error(503, 'away');
    if (request.headers.authorization !== `Bearer ${KEY}`) return error(401, 'Invalid API Key provided');
    if (request.method === 'GET' && request.url?.startsWith('/v1/charges/')) {
      const charge = this.charges.get(request.url.split('/').pop()!);
      const none = { id: 'ch', object: 'charge', metadata: {} };
      return { status: 200, body: JSON.stringify(charge ?? none) };
    }
    if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true)
      return error(400, 'Invalid request: not a form');
    if (request.url === '/v1/checkout/sessions') {
      const session = sessionOf(form);
      this.sessions.set(session.id, session);
      return { status: 200, body: JSON.stringify(session) };
    }
    if (request.url === '/v1/billing/meter_events') {
      this.meters.set(form.get('identifier')!, form);
      return { status: 200, body: JSON.stringify({ object: 'billing.meter_event' }) };
    }
    return error(404, `Unrecognized request URL (${request.url})`);
  }
}

const error = (status: number, message: string) => ({ status, body: JSON.stringify({ error: { message } }) });

function sessionOf(form: URLSearchParams): Session {
  const price = 'line_items[0][price_data]';
  const id = `cs_test_${crypto.randomUUID().replaceAll('-', '')}`;
  return {
    id,
    object: 'checkout.session',
    url: `https://checkout.stripe.example/c/pay/${id}`,
    payment_status: 'unpaid',
    currency: form.get(`${price}[currency]`)!,
    amount_total: Number(form.get('line_items[0][quantity]')) * Number(form.get(`${price}[unit_amount]`)),
    customer: form.get('customer'),
    client_reference_id: form.get('client_reference_id')!,
    metadata: { account: form.get('metadata[account]')!, credits: form.get('metadata[credits]')! },
    payment_intent_metadata: { account: form.get('payment_intent_data[metadata][account]')! },
  };
}

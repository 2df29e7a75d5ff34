import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { verifyTypedData, type Address, type Hex } from 'viem';
import { listenOnLoopback } from '../loopback.ts';

export const NETWORK = 'eip155:84532';
const ASSET: Address = '0x036CbD53842c5426634e7929541eC2318f3dCF7e';
const PAY_TO: Address = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C';

interface Authorization {
  from: Address;
  to: Address;
  value: string;
  validAfter: string;
  validBefore: string;
  nonce: Hex;
}
interface Body {
  x402Version: number;
  paymentPayload: { payload: { authorization: Authorization; signature: Hex } };
  paymentRequirements: {
    amount: string;
    asset: Address;
    payTo: Address;
    extra: { name: string; version: string };
  };
}

const TYPES = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const;

/**
 * An x402 facilitator on loopback: checks EIP-3009 authorizations by their EIP-712 signatures, amounts, times and
 * nonces, and "settles" by remembering the nonce, as the token's contract does.
 */
export class FacilitatorDouble {
  /** Nonces whose money has moved. */
  readonly settled = new Map<string, Authorization>();
  /** The next settlement is done, and its answer lost. */
  loseAnswer = false;
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
    return {
      X402_FACILITATOR: this.url,
      X402_PAY_TO: PAY_TO,
      X402_NETWORK: NETWORK,
      X402_ASSET: ASSET,
      X402_ASSET_NAME: 'USDC',
      X402_ASSET_VERSION: '2',
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    const { authorization } = body.paymentPayload.payload;
    const reason = await this.#invalid(body);
    const payer = authorization.from;
    const answer = (value: object) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/verify') {
      answer(reason ? { isValid: false, invalidReason: reason, payer } : { isValid: true, payer });
      return;
    }
    const settlement = { network: NETWORK, payer };
    if (reason) {
      answer({ ...settlement, success: false, errorReason: reason, transaction: '' });
      return;
    }
    this.settled.set(authorization.nonce, authorization);
    if (this.loseAnswer) {
      this.loseAnswer = false;
      response.destroy();
      return;
    }
    answer({ ...settlement, success: true, transaction: `0x${authorization.nonce.slice(2).toLowerCase()}` });
  }

  async #invalid({ x402Version, paymentPayload, paymentRequirements: terms }: Body): Promise<string | null> {
    const { authorization, signature } = paymentPayload.payload;
    if (x402Version !== 2) return 'invalid_x402_version';
    const signed = await verifyTypedData({
      address: authorization.from,
      domain: {
        name: terms.extra.name,
        version: terms.extra.version,
        chainId: Number(NETWORK.split(':')[1]),
        verifyingContract: terms.asset,
      },
      types: TYPES,
      primaryType: 'TransferWithAuthorization',
      message: {
        from: authorization.from,
        to: authorization.to,
        value: BigInt(authorization.value),
        validAfter: BigInt(authorization.validAfter),
        validBefore: BigInt(authorization.validBefore),
        nonce: authorization.nonce,
      },
      signature,
    });
    if (!signed) return 'invalid_exact_evm_payload_signature';
    if (authorization.to.toLowerCase() !== terms.payTo.toLowerCase())
      return 'invalid_exact_evm_payload_recipient_mismatch';
    if (BigInt(authorization.value) < BigInt(terms.amount))
      return 'invalid_exact_evm_payload_authorization_value';
    if (Number(authorization.validBefore) < Date.now() / 1000)
      return 'invalid_exact_evm_payload_authorization_valid_before';
    return this.settled.has(authorization.nonce) ? 'invalid_transaction_state' : null;
  }
}

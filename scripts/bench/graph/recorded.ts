/**
 * What PyTorch 1.13 (CPU, 2 threads, oneDNN 2.6) and, for renders, the published code took on another two-core machine: for orientation
 * where PyTorch is not installed, and in no ratio with anything measured here.
 */
export const RECORDED: Readonly<Record<string, string>> = {
  'conv fwd 256c 32²': '18.1 ms, other machine and run',
  'conv dx 256c 32²': '20.5 ms, other machine and run',
  'conv dw 256c 32²': '18.5 ms, other machine and run',
  'conv fwd 128c 64²': '21.4 ms, other machine and run',
  'conv dx 128c 64²': '23.5 ms, other machine and run',
  'conv dw 128c 64²': '21.7 ms, other machine and run',
  'conv fwd 64c 128²': '29.1 ms, other machine and run',
  'conv dx 64c 128²': '28.6 ms, other machine and run',
  'conv dw 64c 128²': '27.9 ms, other machine and run',
  'render 64² forward exact': '1400 to 1800 ms, other machine and run',
  'render 64² backward exact': '5600 ms, other machine and run',
  'render 128² forward exact': '6500 to 7300 ms, other machine and run',
  'render 128² backward exact': '24700 ms and 17 GB, other machine and run',
};

/** The little of Khronos's validator that is used; the package comes without types. */
declare module 'gltf-validator' {
  export function validateBytes(
    bytes: Uint8Array,
    options?: { maxIssues?: number },
  ): Promise<{
    issues: { messages: { code: string; message: string; severity: number; pointer: string }[] };
    info: {
      version: string;
      extensionsUsed?: string[];
      totalTriangleCount: number;
      totalVertexCount: number;
      resources: { mimeType?: string; image?: { width: number; height: number } }[];
    };
  }>;
}

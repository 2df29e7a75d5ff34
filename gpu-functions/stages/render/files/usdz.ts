import { strToU8, zipSync, type Zippable } from 'fflate';
import type { TexturedMesh } from '../mesh/portrait-mesh.ts';
import { CREATOR_TOOL, DIGITAL_SOURCE_TYPE } from './marks.ts';

/** Where the data of each file in a USDZ has to begin (USDZ specification, "Layout"). */
const ALIGNMENT = 64;

/** Length of a ZIP local file header before name and extra field, and of an extra field's own header. */
const [LOCAL_HEADER, EXTRA_HEADER] = [30, 4];

/** An extra field that nobody reads: fills up to the alignment. */
const PADDING_ID = 0x1986;

const DATE = new Date(2000, 0, 1);

/** USDZ for ARKit and Quick Look: an uncompressed ZIP of `portrait.usda` and its texture. Metres, y up. */
export function encodeUsdz(mesh: TexturedMesh, jpeg: Uint8Array): Uint8Array {
  // The first file is the one that is opened.
  return alignedZip([
    ['portrait.usda', strToU8(usdText(mesh))],
    ['textures/portrait.jpg', jpeg],
  ]);
}

function alignedZip(files: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  const entries: Zippable = {};
  let offset = 0;
  for (const [name, bytes] of files) {
    const start = offset + LOCAL_HEADER + strToU8(name).length + EXTRA_HEADER;
    const padding = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
    entries[name] = [bytes, { level: 0, mtime: DATE, extra: { [PADDING_ID]: new Uint8Array(padding) } }];
    offset = start + padding + bytes.length;
  }
  return zipSync(entries);
}

function usdText({ positions, normals, uvs, indices }: TexturedMesh): string {
  const st = uvs.map((x, i) => (i % 2 === 1 ? 1 - x : x));
  const [low, high] = extent(positions);
  return `#usda 1.0
(
    customLayerData = {
        string creator = "${CREATOR_TOOL}"
        string digitalSourceType = "${DIGITAL_SOURCE_TYPE}"
    }
    defaultPrim = "Portrait"
    metersPerUnit = 1
    upAxis = "Y"
)

def Xform "Portrait" (
    assetInfo = { string name = "Portrait" }
    kind = "component"
)
{
    def Mesh "Mesh" (
        prepend apiSchemas = ["MaterialBindingAPI"]
    )
    {
        uniform bool doubleSided = 0
        uniform token subdivisionScheme = "none"
        uniform token orientation = "rightHanded"
        float3[] extent = [${tuples(Float32Array.of(...low, ...high), 3, 5)}]
        int[] faceVertexCounts = [${'3, '.repeat(indices.length / 3).slice(0, -2)}]
        int[] faceVertexIndices = [${indices.join(', ')}]
        point3f[] points = [${tuples(positions, 3, 5)}]
        normal3f[] normals = [${tuples(normals, 3, 4)}] (
            interpolation = "vertex"
        )
        texCoord2f[] primvars:st = [${tuples(st, 2, 6)}] (
            interpolation = "vertex"
        )
        rel material:binding = </Portrait/Material>
    }

    def Material "Material"
    {
        token outputs:surface.connect = </Portrait/Material/Surface.outputs:surface>

        def Shader "Surface"
        {
            uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor.connect = </Portrait/Material/Texture.outputs:rgb>
            float inputs:metallic = 0
            float inputs:roughness = 1
            token outputs:surface
        }

        def Shader "Texture"
        {
            uniform token info:id = "UsdUVTexture"
            asset inputs:file = @textures/portrait.jpg@
            token inputs:sourceColorSpace = "sRGB"
            float2 inputs:st.connect = </Portrait/Material/Coordinates.outputs:result>
            token inputs:wrapS = "clamp"
            token inputs:wrapT = "clamp"
            float3 outputs:rgb
        }

        def Shader "Coordinates"
        {
            uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "st"
            float2 outputs:result
        }
    }
}
`;
}

/** Values in tuples of `size`, as USD writes them. */
function tuples(values: Float32Array, size: number, digits: number): string {
  const written: string[] = [];
  for (let i = 0; i < values.length; i += size) {
    written.push(`(${[...values.subarray(i, i + size)].map((x) => x.toFixed(digits)).join(', ')})`);
  }
  return written.join(', ');
}

/** The corners of the bounding box. */
function extent(positions: Float32Array): [low: number[], high: number[]] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  positions.forEach((x, i) => {
    low[i % 3] = Math.min(low[i % 3], x);
    high[i % 3] = Math.max(high[i % 3], x);
  });
  return [low, high];
}

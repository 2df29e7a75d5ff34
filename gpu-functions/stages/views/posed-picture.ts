import type { Picture } from '../picture.ts';
import type { HiddenSide } from './hidden-side.ts';
import type { SideView } from './side-views.ts';

/** A square picture, and the label of the camera that sees it. */
export interface PosedPicture {
  readonly picture: Picture;
  /** 25 floats: cam2world row-major, then the normalised intrinsics. */
  readonly label: ArrayLike<number>;
  /** What is inferred of the side turned away from the camera. */
  readonly hidden?: HiddenSide;
  /** What is inferred of what is to be seen from elsewhere. */
  readonly sides?: readonly SideView[];
}

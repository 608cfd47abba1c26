"""Draws `clips/holiday.mp4`: a second each of a sunset, the sea and a meadow."""

from pathlib import Path

import numpy as np

SIZE, FPS = (320, 180), 10
SHOTS = [(230, 120, 50), (40, 90, 170), (70, 150, 60)]


def main() -> None:
    """Writes the video, with some grain, as cameras have it."""
    import av

    Path("clips").mkdir(exist_ok=True)
    grain = np.random.default_rng(1).normal(0, 12, (SIZE[1], SIZE[0], 3))
    with av.open("clips/holiday.mp4", "w") as file:
        stream = file.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(FPS * len(SHOTS)):
            light = np.linspace(1.15, 0.85, SIZE[1])[:, None, None]
            picture = np.array(SHOTS[number // FPS]) * light + np.roll(grain, number * 3, axis=1)
            frame = av.VideoFrame.from_ndarray(picture.clip(0, 255).astype("uint8"), "rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


if __name__ == "__main__":
    main()

import Demos

await serve(makeGalleryApp)

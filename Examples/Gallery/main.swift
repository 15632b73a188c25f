import Demos

await serve(inStore: makeGalleryApp)

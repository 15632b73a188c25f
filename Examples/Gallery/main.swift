import Demos

await serveWithStore(makeGalleryApp)

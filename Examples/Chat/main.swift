import Demos

await serveWithStore(makeChatApp)

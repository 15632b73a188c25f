import Demos

await serveWithStore(makePrivateChatApp)

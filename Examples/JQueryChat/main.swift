import Demos

await serveWithStore(makeJQueryChatApp)

import Demos

await serveWithStore(makeAnonymousGroupChatApp)

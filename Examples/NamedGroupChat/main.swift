import Demos

await serveWithStore(makeNamedGroupChatApp)

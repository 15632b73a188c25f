import Demos

await serve(inStore: makeAnonymousGroupChatApp)

import Demos

await serve(makeAnonymousGroupChatApp)

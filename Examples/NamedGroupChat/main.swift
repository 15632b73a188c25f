import Demos

await serve(inStore: makeNamedGroupChatApp)

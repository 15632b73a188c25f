import Demos

await serve(makeNamedGroupChatApp)

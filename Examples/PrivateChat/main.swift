import Demos

await serve(makePrivateChatApp)

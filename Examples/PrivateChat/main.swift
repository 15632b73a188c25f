import Demos

await serve(inStore: makePrivateChatApp)

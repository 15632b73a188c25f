import Demos

await serve(inStore: makeChatApp)

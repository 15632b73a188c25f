import Demos

await serve(makeChatApp)

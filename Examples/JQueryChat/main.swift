import Demos

await serve(makeJQueryChatApp)

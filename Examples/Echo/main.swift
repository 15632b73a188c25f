import Demos

await serve(makeEchoApp)

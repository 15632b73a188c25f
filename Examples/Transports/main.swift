import Demos

await serveWithStore(makeTransportsApp)

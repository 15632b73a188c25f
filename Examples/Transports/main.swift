import Demos

await serve(inStore: makeTransportsApp)

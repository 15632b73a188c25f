import Demos

await serve(makeTransportsApp)

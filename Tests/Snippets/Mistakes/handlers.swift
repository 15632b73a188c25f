// What a handler's author gets wrong, and what the compiler says of it.
import Carafe

func mistakes(_ app: inout App) {
    app.get("/a") { (request: Int) in "a" }  // expected-error {{expects 0 arguments, but 1 was used}}
}

import Testing

@testable import CarafeApp

@Suite(.timeLimit(.minutes(10))) struct MarkupTests {
    @Test("HTML §13.3")
    func escapesTextsAndNothingElse() {
        let text = "<a href=\"x\">&amp;群"
        let markup: Markup = "<p title=\"\(text)\">\(text)</p>"
        let escaped = "&lt;a href=&quot;x&quot;&gt;&amp;amp;群"
        #expect(markup.html == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test("markup in markup is not escaped again") func markupInMarkupStays() {
        let inner: Markup = "<b>\("&")</b>"
        let outer: Markup = "<p>\(inner) \(-3)</p>"
        #expect(outer.html == "<p><b>&amp;</b> -3</p>")
        #expect(Markup(joining: [inner, outer]).html == inner.html + outer.html)
    }
}

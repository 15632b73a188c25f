/// A list without an order. Each element knows its index, so that it is removed in constant time.
struct IndexedList<Element: AnyObject> {
    private(set) var elements: [Element] = []
    /// The property of an element that holds its index.
    private let index: ReferenceWritableKeyPath<Element, Int>

    init(by index: ReferenceWritableKeyPath<Element, Int>) {
        self.index = index
    }

    var isEmpty: Bool { elements.isEmpty }
    var count: Int { elements.count }

    mutating func append(_ element: Element) {
        element[keyPath: index] = elements.count
        elements.append(element)
    }

    /// Removes an element, whose place the last one takes.
    mutating func remove(_ element: Element) {
        let place = element[keyPath: index]
        let last = elements.removeLast()
        guard place < elements.count else { return }
        elements[place] = last
        last[keyPath: index] = place
    }
}

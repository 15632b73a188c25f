/// A value that becomes a ``TemplateValue`` directly, without an encoder.
package protocol TemplateScalar {
    /// The template value, or nil if this value has no counterpart.
    var templateValue: TemplateValue? { get }
}

extension TemplateValue: TemplateScalar {
    package var templateValue: TemplateValue? { self }
}

extension Bool: TemplateScalar {
    package var templateValue: TemplateValue? { .bool(self) }
}

extension String: TemplateScalar {
    package var templateValue: TemplateValue? { .string(self) }
}

extension Double: TemplateScalar {
    package var templateValue: TemplateValue? { .double(self) }
}

extension Float: TemplateScalar {
    // From its digits: Double(Float(0.1)) would print as 0.10000000149011612.
    package var templateValue: TemplateValue? { .double(Double(description) ?? Double(self)) }
}

extension TemplateScalar where Self: BinaryInteger {
    // Only a UInt or UInt64 above Int.max fails. Rounded to a double it would be another number, and an identifier must
    // not silently become another identifier.
    package var templateValue: TemplateValue? { Int(exactly: self).map(TemplateValue.int) }
}

extension Int: TemplateScalar {}
extension Int8: TemplateScalar {}
extension Int16: TemplateScalar {}
extension Int32: TemplateScalar {}
extension Int64: TemplateScalar {}
extension UInt: TemplateScalar {}
extension UInt8: TemplateScalar {}
extension UInt16: TemplateScalar {}
extension UInt32: TemplateScalar {}
extension UInt64: TemplateScalar {}

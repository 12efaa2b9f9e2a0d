using Google.Protobuf;

namespace LmmRec.EndToEnd.Monitoring;

/// <summary>A message of protocol buffers without its description: values by the numbers of their fields.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, object Value)> _values = [];

    /// <summary>The messages of a field.</summary>
    public IEnumerable<WireMessage> All(int field) => Values<byte[]>(field).Select(Of);

    /// <summary>The messages at the end of a way of fields.</summary>
    public IEnumerable<WireMessage> Way(params int[] fields) => fields.Aggregate((IEnumerable<WireMessage>)[this], (messages, field) => messages.SelectMany(message => message.All(field)));

    public string Text(int field) => System.Text.Encoding.UTF8.GetString(Values<byte[]>(field).SingleOrDefault() ?? []);

    public string Id(int field) => Convert.ToHexStringLower(Values<byte[]>(field).SingleOrDefault() ?? []);

    public ulong Number(int field) => Values<ulong>(field).SingleOrDefault();

    /// <summary>A field of attributes: texts, numbers, and lists of texts joined by a bar.</summary>
    public IReadOnlyDictionary<string, string> Attributes(int field) => All(field).ToDictionary(pair => pair.Text(1), pair =>
    {
        const int Text = 1, Whole = 3, List = 5;
        var value = pair.All(2).Single();
        return value.Values<byte[]>(Text).Any() ? value.Text(Text) : value.Values<ulong>(Whole).Any() ? $"{value.Number(Whole)}" : string.Join(" | ", value.Way(List, 1).Select(element => element.Text(Text)));
    });

    public static WireMessage Of(byte[] bytes)
    {
        var (message, input) = (new WireMessage(), new CodedInputStream(bytes));
        while (input.ReadTag() is > 0 and var tag)
        {
            message._values.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadUInt64(),
                WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                WireFormat.WireType.Fixed32 => (ulong)input.ReadFixed32(),
                _ => input.ReadBytes().ToByteArray(),
            }));
        }
        return message;
    }

    private IEnumerable<T> Values<T>(int field) => _values.Where(value => value.Field == field).Select(value => value.Value).OfType<T>();
}

using System.Text;

namespace LmmRec.Graphs.Tests;

/// <summary>Headers that promise what cannot be are refused before anything is read or reserved.</summary>
public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""", "expected from 0 on")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}""", "truncated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "expected from 0 on")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,-4]}}""", "expected from 0 on")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", "do not fill its shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", "do not fill its shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "expected from 8 on")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "two tensors named 'a'")]
    public void A_header_that_cannot_be_is_refused(string header, string why)
    {
        var path = _folder.PathOf("w.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. new byte[8]]);
        var error = Assert.Throws<GraphException>(() => SafeTensors.Read(path));
        Assert.Contains(why, error.Message);
        Assert.Contains(path, error.Message);
        Assert.Throws<GraphException>(() => SafeTensors.ReadShapes(path));
    }
}

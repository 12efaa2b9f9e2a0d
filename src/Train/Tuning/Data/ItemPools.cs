using System.Text;
using LmmRec.Artifacts.Store;

namespace LmmRec.Train.Tuning.Data;

/// <summary>Pictures and texts of items, each different one once, in files of the unfinished work, where threads read them at random by the halves of their hashes.</summary>
/// <param name="folder">of the unfinished work</param>
internal sealed class ItemPools(string folder) : IDisposable
{
    private readonly ContentPool _texts = new(folder, "texts");

    /// <summary>The files of pictures.</summary>
    public ContentPool Pictures { get; } = new(folder, "pictures");

    /// <summary>Puts a text here, unless it is here; gives its key.</summary>
    public UInt128 AddText(string sha256, string text)
    {
        var key = Hashing.Half(sha256);
        if (!_texts.Holds(key)) _texts.Add(sha256, Encoding.UTF8.GetBytes(text));
        return key;
    }

    /// <summary>A text; from any thread.</summary>
    public string Text(UInt128 key) => Encoding.UTF8.GetString(_texts.Read(key));

    public void Dispose()
    {
        Pictures.Dispose();
        _texts.Dispose();
    }
}

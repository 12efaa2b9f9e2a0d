namespace LmmRec.Train.Tuning.Data;

/// <summary>An item with a picture and a text.</summary>
/// <param name="Item">dense index of the item</param>
/// <param name="Picture">half of the hash of the picture's file</param>
/// <param name="Text">half of the hash of the text</param>
/// <param name="Category">index of its top category; −1 where it has none</param>
internal readonly record struct Pair(int Item, UInt128 Picture, UInt128 Text, int Category = -1)
{
    /// <summary>Whether the other's text is wrong for this picture, and its picture for this text: neither is the same.</summary>
    public bool IsWrongFor(Pair other) => Picture != other.Picture && Text != other.Text;
}

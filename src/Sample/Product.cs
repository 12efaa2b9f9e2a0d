namespace LmmRec.Sample;

/// <summary>What is sold: the silhouette of the picture.</summary>
public enum Kind { Mug, Cushion, Kite, LunchBox, Notebook, TeaTowel }

/// <summary>The motif printed on it.</summary>
public enum Shape { Circle, Square, Triangle, Diamond, Star, Ring, Cross, Heart }

/// <summary>The motif's colour.</summary>
public enum Colour { Red, Orange, Yellow, Green, Teal, Blue, Purple, Pink }

/// <summary>How the motif is filled.</summary>
public enum Pattern { Plain, Striped, Dotted, Checked, Zigzag }

/// <summary>What happens to somebody who asks for the picture.</summary>
public enum PictureAnswer
{
    /// <summary>The picture comes at once.</summary>
    Served,

    /// <summary>503 to the first request, the picture after it.</summary>
    BusyOnce,

    /// <summary>503 to the first two requests, the picture after them.</summary>
    BusyTwice,

    /// <summary>404, always.</summary>
    Gone,

    /// <summary>200 with bytes that are no picture.</summary>
    Garbled,

    /// <summary>The product has no address of a picture.</summary>
    None,
}

/// <summary>One article of the shop.</summary>
/// <param name="Index">0-based, in order of making</param>
/// <param name="Asin">10 characters, unique</param>
/// <param name="Kind">shown by the silhouette, said by the categories</param>
/// <param name="Shape">shown and said</param>
/// <param name="Colour">shown and said</param>
/// <param name="Pattern">shown and said</param>
/// <param name="Title">null: the shop has none</param>
/// <param name="Brand">null: the shop has none</param>
/// <param name="Description">null: the shop has none; may hold quotes, newlines and HTML entities</param>
/// <param name="Categories">category paths, the main one first</param>
/// <param name="Price">null: the shop does not say</param>
/// <param name="Picture">how the shop answers for its picture</param>
public sealed record Product(
    int Index, string Asin, Kind Kind, Shape Shape, Colour Colour, Pattern Pattern,
    string? Title, string? Brand, string? Description, string[][] Categories, double? Price, PictureAnswer Picture);

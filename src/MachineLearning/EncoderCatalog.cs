using LmmRec.Encoders;
using Microsoft.ML;

namespace LmmRec.MachineLearning;

/// <summary>Encoders as estimators of ML.NET (docs/ml-net.md#encoders). The vectors are those that featurize writes, to the byte.</summary>
public static class EncoderCatalog
{
    /// <summary>Adds the vector of a picture.</summary>
    /// <param name="transforms">ML.NET's catalogue, <c>mlContext.Transforms</c></param>
    /// <param name="outputColumnName">the vector: Single [F]; NaN in every place where there is no file or it cannot be decoded</param>
    /// <param name="inputColumnName">the picture's file: a vector of Byte, of any size, as the column <c>bytes</c> of the table images</param>
    /// <param name="encoder">stays open for as long as rows are read, and is the caller's to close</param>
    /// <exception cref="ArgumentException">The encoder reads no pictures.</exception>
    public static IEstimator<ITransformer> EncodePictures(this TransformsCatalog transforms, string outputColumnName, string inputColumnName, Encoder encoder)
    {
        var pictures = encoder.Pictures ?? throw new ArgumentException("the encoder reads no pictures", nameof(encoder));
        return new EncoderEstimator<PictureFile>(transforms, outputColumnName, inputColumnName, new PictureColumn(pictures));
    }

    /// <summary>Adds the vector of a text.</summary>
    /// <param name="transforms">ML.NET's catalogue, <c>mlContext.Transforms</c></param>
    /// <param name="outputColumnName">the vector: Single [F]; NaN in every place where the text is empty</param>
    /// <param name="inputColumnName">the text, as the column <c>text</c> of the table items</param>
    /// <param name="encoder">stays open for as long as rows are read, and is the caller's to close</param>
    /// <exception cref="ArgumentException">The encoder reads no texts.</exception>
    public static IEstimator<ITransformer> EncodeTexts(this TransformsCatalog transforms, string outputColumnName, string inputColumnName, Encoder encoder)
    {
        var texts = encoder.Texts ?? throw new ArgumentException("the encoder reads no texts", nameof(encoder));
        return new EncoderEstimator<PlainText>(transforms, outputColumnName, inputColumnName, new TextColumn(texts));
    }

    private sealed class PictureFile
    {
        public byte[] Value { get; set; } = [];
    }

    private sealed class PlainText
    {
        public string Value { get; set; } = "";
    }
}

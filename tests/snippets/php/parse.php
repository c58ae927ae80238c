<?php
// Somebody else's library.
function parse(string $text)
{
    return json_decode($text, true, 512, JSON_THROW_ON_ERROR);
}
